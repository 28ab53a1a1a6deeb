// The workloads I1 to I5 by RTNeural (https://github.com/jatinchowdhury18/RTNeural), whose networks have static shapes, too.
// Checks each answer against plain loops in double, then prints the least time of a call in stretches of some 50 us.
//
//     g++ -std=c++17 -O3 -march=native -DNDEBUG -DRTNEURAL_NAMESPACE=RTNeural -DRTNEURAL_DEFAULT_ALIGNMENT=32 \
//         -DRTNEURAL_USE_XSIMD=1 -I$RTNEURAL -I$RTNEURAL/modules/xsimd/include rtneural.cpp -o rtneural
//     ./rtneural [SECONDS [SEED]]
//
// $RTNEURAL is a checkout with its submodules. With Eigen: -DRTNEURAL_USE_EIGEN=1 -DEIGEN_STACK_ALLOCATION_LIMIT=0
// -I$RTNEURAL/modules/Eigen.
#include <RTNeural/RTNeural.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

using namespace RTNeural;
using Formula = std::function<double(double)>;

static double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }
static double relu(double x) { return x > 0.0 ? x : 0.0; }
static double same(double x) { return x; }

static std::mt19937 rng;

struct Plain {
    std::vector<std::vector<float>> weights;
    Formula activation;
};
static std::vector<Plain> plain;

template <int IN, int OUT>
void fill(DenseT<float, IN, OUT>& layer, Formula activation) {
    float limit = std::sqrt(6.0f / (IN + OUT));
    std::uniform_real_distribution<float> uniform(-limit, limit);
    std::vector<std::vector<float>> weights(OUT, std::vector<float>(IN));
    for (auto& row : weights)
        for (auto& weight : row) weight = uniform(rng);
    std::vector<float> bias(OUT, 0.0f);
    layer.setWeights(weights);
    layer.setBias(bias.data());
    plain.push_back({weights, activation});
}

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// With `calls` calls in a stretch.
template <int IN, int OUT, typename Model>
void run(const char* name, Model& model, double seconds, int calls) {
    alignas(64) static float inputs[8][(IN + 15) / 16 * 16];
    std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
    for (auto& input : inputs) {
        for (int i = 0; i < IN; ++i) input[i] = uniform(rng);
        std::vector<double> x(input, input + IN);
        for (auto& layer : plain) {
            std::vector<double> y;
            for (auto& row : layer.weights) {
                double sum = 0.0;
                for (size_t i = 0; i < x.size(); ++i) sum += row[i] * x[i];
                y.push_back(layer.activation(sum));
            }
            x = y;
        }
        model.forward(input);
        for (int o = 0; o < OUT; ++o) {
            if (!(std::fabs(model.getOutputs()[o] - x[o]) <= 1e-4)) {
                std::printf("%s is wrong: %g instead of %g\n", name, model.getOutputs()[o], x[o]);
                plain.clear();
                return;
            }
        }
    }
    plain.clear();
    double least = 1e9, begin = now();
    while (now() - begin < seconds) {
        double start = now();
        for (int call = 0; call < calls; ++call) {
            float* input = inputs[call & 7];
            // The compiler must assume that the input is another each time, and that the outputs are used.
            asm volatile("" : "+r"(input) : : "memory");
            model.forward(input);
            asm volatile("" : : "r"(model.getOutputs()) : "memory");
        }
        least = std::fmin(least, (now() - start) / calls);
    }
    std::printf("%s %8.1f ns\n", name, least * 1e9);
}

int main(int count, char** arguments) {
    double seconds = count > 1 ? std::atof(arguments[1]) : 1.0;
    rng.seed(count > 2 ? std::atoi(arguments[2]) : 1);
    Formula tanh = [](double x) { return std::tanh(x); };
    {
        static ModelT<float, 2, 1, DenseT<float, 2, 3>, SigmoidActivationT<float, 3>, DenseT<float, 3, 1>, SigmoidActivationT<float, 1>> model;
        fill(model.get<0>(), logistic);
        fill(model.get<2>(), logistic);
        run<2, 1>("I1", model, seconds, 2000);
    }
    {
        static ModelT<float, 13, 4, DenseT<float, 13, 64>, TanhActivationT<float, 64>, DenseT<float, 64, 64>, TanhActivationT<float, 64>, DenseT<float, 64, 4>> model;
        fill(model.get<0>(), tanh);
        fill(model.get<2>(), tanh);
        fill(model.get<4>(), same);
        run<13, 4>("I2", model, seconds, 200);
    }
    {
        static ModelT<float, 784, 10, DenseT<float, 784, 30>, SigmoidActivationT<float, 30>, DenseT<float, 30, 10>, SigmoidActivationT<float, 10>> model;
        fill(model.get<0>(), logistic);
        fill(model.get<2>(), logistic);
        run<784, 10>("I3", model, seconds, 50);
    }
    {
        static ModelT<float, 784, 10, DenseT<float, 784, 128>, ReLuActivationT<float, 128>, DenseT<float, 128, 10>> model;
        fill(model.get<0>(), relu);
        fill(model.get<2>(), same);
        run<784, 10>("I4", model, seconds, 10);
    }
    {
        static ModelT<float, 1, 1, DenseT<float, 1, 8>, TanhActivationT<float, 8>, DenseT<float, 8, 8>, TanhActivationT<float, 8>, DenseT<float, 8, 1>> model;
        fill(model.get<0>(), tanh);
        fill(model.get<2>(), tanh);
        fill(model.get<4>(), same);
        run<1, 1>("I5", model, seconds, 2000);
    }
}
