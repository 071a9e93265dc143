using System.Globalization;
using System.Text.Json;
using Whylight.Explanations;
using Whylight.Explanations.Attribution;
using Whylight.Explanations.Game;
using Whylight.Models;
using Whylight.Models.Networks;
using static TorchSharp.torch;
using static Whylight.Tests.Explanations.Attribution.FunctionNetwork;

namespace Whylight.Tests.Explanations.Attribution;

/// <summary>Held to the numbers that Captum, LXT and zennit give for the same nets, in double precision.</summary>
public sealed class AttributionGoldenTests
{
    private static readonly string[] s_files =
    [
        "gradient_attribution",
        "lrp",
        "attnlrp",
        "tiny_models",
        "noise_infidelity_tokens",
    ];

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> data = [];
        if (Shared.Root() is { } root)
        {
            foreach (string file in s_files)
            {
                using JsonDocument document = Open(Path.Combine(root, "golden", "explanations", file + ".json"));
                foreach (JsonElement golden in document.RootElement.GetProperty("cases").EnumerateArray())
                {
                    // Infidelity and sensitivity are measures of explanations; the room of Evaluation holds them.
                    if (golden.GetProperty("kind").GetString() is not ("infidelity" or "max_sensitivity"))
                    {
                        data.Add(file, golden.GetProperty("id").GetString()!);
                    }
                }
            }
        }
        return data;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Cases))]
    public async Task Golden(string file, string id)
    {
        using JsonDocument document = Open(Shared.Require($"golden/explanations/{file}.json"));
        JsonElement golden = document
            .RootElement.GetProperty("cases")
            .EnumerateArray()
            .First(c => c.GetProperty("id").GetString() == id);
        string kind = golden.GetProperty("kind").GetString()!;
        if (kind == "token_grouping")
        {
            Grouping(golden);
            return;
        }
        await RunAsync(() =>
        {
            switch (kind)
            {
                case "integrated_gradients":
                    Integrated(golden);
                    break;
                case "integrated_gradients_analytic":
                    Analytic(golden);
                    break;
                case "gradient_input_x_gradient_ablation_shapley":
                    Gradient(golden);
                    break;
                case "deeplift_rescale":
                    DeepLifted(golden);
                    break;
                case "text_embedding_attribution":
                    Text(golden);
                    break;
                case "lrp":
                    Lrp(golden);
                    break;
                case "attnlrp_rule":
                    Rule(golden);
                    break;
                case "attnlrp_model":
                    Relevance(golden);
                    break;
                case "tiny_model_attribution":
                    TinyModel(golden);
                    break;
                case "smoothgrad":
                    Smooth(golden);
                    break;
                case "expected_gradients":
                    Expected(golden);
                    break;
                default:
                    Assert.Fail($"no test for golden kind '{kind}'");
                    break;
            }
            return true;
        });
    }

    private static JsonDocument Open(string path) => JsonDocument.Parse(File.ReadAllText(path));

    private static FunctionNetwork NetworkOf(JsonElement golden)
    {
        JsonElement model = golden.GetProperty("model");
        if (model.GetProperty("type").GetString() == "mlp")
        {
            return OfLayers(model);
        }
        string formula = model.GetProperty("formula").GetString()!;
        return formula.Contains("tanh", StringComparison.Ordinal)
            ? new FunctionNetwork(
                (x, rules) =>
                {
                    Tensor shifted = x.squeeze(-1) - tensor([0.0, 1.5]);
                    return 2 * rules.Activation(shifted, t => t.tanh()).sum(-1, true);
                }
            )
            : new FunctionNetwork(
                (x, rules) =>
                {
                    Tensor r = rules.Activation(x.squeeze(-1), t => t.relu());
                    return rules.Activation(r.narrow(1, 0, 1) - 1 - r.narrow(1, 1, 1), t => t.relu());
                }
            );
    }

    private static TargetValue Target(JsonElement golden) =>
        new(
            ValueKind.Logit,
            golden.GetProperty("inputs").TryGetProperty("target", out JsonElement t) ? t.GetInt32() : 0,
            -1,
            1
        );

    private static Tensor Points(JsonElement golden, string name) =>
        tensor(Row(golden.GetProperty("inputs").GetProperty(name))).view(1, -1, 1);

    private static QuadratureRule RuleOf(string name)
    {
        string[] parts = name.Split('_');
        int n = int.Parse(parts.First(p => int.TryParse(p, out _)), CultureInfo.InvariantCulture);
        return name switch
        {
            _ when name.StartsWith("gausslegendre", StringComparison.Ordinal) => QuadratureRule.GaussLegendre(n),
            _ when name.StartsWith("captum_riemann_trapezoid", StringComparison.Ordinal) =>
                QuadratureRule.CaptumTrapezoid(n),
            _ when name.StartsWith("riemann_left", StringComparison.Ordinal) => QuadratureRule.RiemannLeft(n),
            _ when name.StartsWith("riemann_right", StringComparison.Ordinal) => QuadratureRule.RiemannRight(n),
            _ when name.Contains("riemann_middle", StringComparison.Ordinal) => QuadratureRule.RiemannMiddle(n),
            _ when name.StartsWith("true_trapezoid", StringComparison.Ordinal) => QuadratureRule.Trapezoid(n),
            _ => throw new InvalidDataException($"no rule named {name}"),
        };
    }

    private static double[] ByRule(
        QuadratureRule rule,
        Network network,
        NetworkInput input,
        Tensor x,
        Tensor baseline,
        TargetValue target
    ) =>
        PathIntegral.Fixed(
            rule,
            nodes =>
                EmbeddingPass
                    .Points(
                        network,
                        input,
                        baseline + tensor(nodes.ToArray()).view(-1, 1, 1) * (x - baseline),
                        x - baseline,
                        target,
                        default
                    )
                    .Tokens
        );

    private static void Integrated(JsonElement golden)
    {
        FunctionNetwork network = NetworkOf(golden);
        Tensor x = Points(golden, "x");
        Tensor b = Points(golden, "baseline");
        NetworkInput input = Input((int)x.shape[1]);
        JsonElement expected = golden.GetProperty("expected");
        int target = Target(golden).Target;
        double fx = EmbeddingPass.Logits(network, input, x, default)[0][target];
        double fb = EmbeddingPass.Logits(network, input, b, default)[0][target];
        Close(Row(expected.GetProperty("f_x"))[target], fx, 1e-9);
        Close(Row(expected.GetProperty("f_baseline"))[target], fb, 1e-9);
        foreach (JsonProperty method in expected.GetProperty("by_method").EnumerateObject())
        {
            double[] scores = ByRule(RuleOf(method.Name), network, input, x, b, Target(golden));
            double tolerance = method.Name.StartsWith("limit", StringComparison.Ordinal) ? 1e-6 : 1e-7;
            Close(Row(method.Value.GetProperty("attributions")), scores, tolerance);
            Close(method.Value.GetProperty("convergence_delta").GetDouble(), scores.Sum() - (fx - fb), 2e-7);
        }
    }

    private static void Analytic(JsonElement golden)
    {
        Tensor x = Points(golden, "x");
        double[] scores = ByRule(
            QuadratureRule.GaussLegendre(200),
            NetworkOf(golden),
            Input(2),
            x,
            Points(golden, "baseline"),
            Target(golden)
        );
        Close(Row(golden.GetProperty("expected").GetProperty("attributions")), scores, 0.05);
    }

    private static void Gradient(JsonElement golden)
    {
        FunctionNetwork network = NetworkOf(golden);
        Tensor x = Points(golden, "x");
        JsonElement expected = golden.GetProperty("expected");
        NetworkInput input = Input((int)x.shape[1]);
        double[] Gradients(Tensor weight) =>
            EmbeddingPass.Points(network, input, x, weight, Target(golden), default).Tokens[0];
        Close(Row(expected.GetProperty("gradient")), Gradients(ones_like(x)), 1e-9);
        Close(Row(expected.GetProperty("input_x_gradient")), Gradients(x), 1e-9);
        // Features of a coalition as they are, the others at the baseline.
        double[] at = Row(golden.GetProperty("inputs").GetProperty("x"));
        double[] baseline = Row(golden.GetProperty("inputs").GetProperty("baseline"));
        int target = Target(golden).Target;
        double[] table =
        [
            .. Enumerable
                .Range(0, 1 << at.Length)
                .Select(m =>
                {
                    double[] mixed = [.. at.Select((v, i) => (m >> i & 1) != 0 ? v : baseline[i])];
                    return EmbeddingPass.Logits(network, input, tensor(mixed).view(1, -1, 1), default)[0][target];
                }),
        ];
        Close(Row(expected.GetProperty("exact_shapley_from_baseline")), Enumeration.Shapley(table), 1e-9);
        Close(
            Row(expected.GetProperty("feature_ablation_from_baseline")),
            [.. at.Select((_, i) => table[^1] - table[(table.Length - 1) ^ 1 << i])],
            1e-9
        );
    }

    private static void DeepLifted(JsonElement golden)
    {
        FunctionNetwork network = NetworkOf(golden);
        Tensor x = Points(golden, "x");
        (double[][] logits, double[] scores, TargetValue target) = DeepLift.Contributions(
            network,
            Input((int)x.shape[1]),
            x,
            Points(golden, "baseline"),
            _ => Target(golden),
            default
        );
        Close(Row(golden.GetProperty("expected").GetProperty("attributions")), scores, 1e-9);
        Close(logits[0][target.Target] - logits[1][target.Target], scores.Sum(), 1e-12);
    }

    private static void Text(JsonElement golden)
    {
        JsonElement model = golden.GetProperty("model");
        double[][] table = Rows(model.GetProperty("embedding"));
        JsonElement linear = model.GetProperty("linear");
        Tensor w = Matrix(Rows(linear.GetProperty("weight")));
        Tensor bias = tensor(Row(linear.GetProperty("bias")));
        bool cnn = model.GetProperty("type").GetString() == "text_cnn";
        FunctionNetwork network = new(
            (x, rules) =>
            {
                if (!cnn)
                {
                    return rules.Linear(x.mean([1]), w, bias);
                }
                List<Tensor> pools = [];
                foreach (JsonElement conv in model.GetProperty("convs").EnumerateArray())
                {
                    JsonElement weight = conv.GetProperty("weight");
                    double[][][] kernel = [.. weight.EnumerateArray().Select(Rows)];
                    Tensor k = tensor([.. kernel.SelectMany(a => a.SelectMany(b => b))])
                        .view(kernel.Length, kernel[0].Length, kernel[0][0].Length);
                    Tensor z = rules.Convolution(x.transpose(1, 2), k, tensor(Row(conv.GetProperty("bias"))));
                    pools.Add(rules.MaxPool(rules.Activation(z, t => t.relu())));
                }
                return rules.Linear(cat(pools, 1), w, bias);
            },
            table
        );
        JsonElement inputs = golden.GetProperty("inputs");
        Tensor Ids(string name) => tensor([.. Row(inputs.GetProperty(name)).Select(i => (long)i)]).view(1, -1);
        Tensor x = network.Embed(Ids("token_ids"));
        Tensor b = network.Embed(Ids("baseline_token_ids"));
        NetworkInput input = Input((int)x.shape[1]);
        JsonElement expected = golden.GetProperty("expected");
        Close(Row(expected.GetProperty("logits")), EmbeddingPass.Logits(network, input, x, default)[0], 1e-9);
        Close(Row(expected.GetProperty("baseline_logits")), EmbeddingPass.Logits(network, input, b, default)[0], 1e-9);
        foreach (JsonProperty method in expected.GetProperty("ig").EnumerateObject())
        {
            Close(
                Row(method.Value.GetProperty("token_scores")),
                ByRule(RuleOf(method.Name), network, input, x, b, Target(golden)),
                1e-7
            );
        }
        (double[][] slopes, _) = SlopesOf(network, input, x, Target(golden));
        Close(
            Row(expected.GetProperty("grad_l2_norm_per_token")),
            [.. slopes.Select(s => Math.Sqrt(s.Sum(v => v * v)))],
            1e-9
        );
        Close(
            Row(expected.GetProperty("input_x_gradient_per_token")),
            EmbeddingPass.Points(network, input, x, x, Target(golden), default).Tokens[0],
            1e-9
        );
        double whole = EmbeddingPass.Logits(network, input, x, default)[0][Target(golden).Target];
        double[] occluded = new double[x.shape[1]];
        for (int i = 0; i < occluded.Length; i++)
        {
            Tensor absent = x.clone();
            absent[0, i] = b[0, i];
            occluded[i] = whole - EmbeddingPass.Logits(network, input, absent, default)[0][Target(golden).Target];
        }
        Close(Row(expected.GetProperty("occlusion_to_pad")), occluded, 1e-9);
    }

    // Every component of the gradient of every token: the weight picks one component at a time.
    private static (double[][] Slopes, int Width) SlopesOf(
        Network network,
        NetworkInput input,
        Tensor x,
        TargetValue target
    )
    {
        int width = (int)x.shape[2];
        double[][] slopes = [.. Enumerable.Range(0, (int)x.shape[1]).Select(_ => new double[width])];
        for (int d = 0; d < width; d++)
        {
            Tensor unit = zeros(width, x.dtype);
            unit[d] = 1;
            double[] column = EmbeddingPass.Points(network, input, x, unit, target, default).Tokens[0];
            for (int t = 0; t < column.Length; t++)
            {
                slopes[t][d] = column[t];
            }
        }
        return (slopes, width);
    }

    private static void Lrp(JsonElement golden)
    {
        JsonElement expected = golden.GetProperty("expected");
        JsonElement parameters = golden.GetProperty("params");
        double tolerance = golden.GetProperty("tolerance").GetProperty("abs").GetDouble();
        if (expected.TryGetProperty("by_rule", out JsonElement byRule))
        {
            foreach (JsonProperty rule in byRule.EnumerateObject())
            {
                LrpRule first = RuleNamed(rule.Name);
                LrpRule then = rule.Name.EndsWith("_first_then_epsilon", StringComparison.Ordinal)
                    ? new EpsilonRule()
                    : first;
                Close(
                    Row(rule.Value.GetProperty("relevance")),
                    Relevances(golden, i => i == 0 ? first : then),
                    Math.Max(tolerance, 1e-8)
                );
            }
            return;
        }
        string Name(string key, string otherwise) =>
            parameters.TryGetProperty(key, out JsonElement e) ? e.GetString()! : otherwise;
        string all = Name("rule", "epsilon").Split(',')[0];
        LrpRule one = RuleNamed(Name("rule_linear1", all));
        LrpRule two = RuleNamed(Name("rule_linear2", all));
        Close(Row(expected.GetProperty("relevance")), Relevances(golden, i => i == 0 ? one : two), tolerance);
    }

    private static double[] Relevances(JsonElement golden, Func<int, LrpRule> choose)
    {
        double[] x = Row(golden.GetProperty("inputs").GetProperty("x"));
        FunctionNetwork inner = OfLayers(golden.GetProperty("model"));
        FunctionNetwork network = new(
            (e, rules) => inner.Forward(new NetworkInput { Embeddings = e, Positions = e }, rules, default),
            [.. x.Select(v => (double[])[v])]
        );
        Tensor ids = arange(x.Length, ScalarType.Int64).view(1, -1);
        return EmbeddingPass
            .Run(network, Input(x.Length, ids), new LrpRules((i, _) => choose(i)), _ => Target(golden), false, default)
            .Tokens;
    }

    private static LrpRule RuleNamed(string name)
    {
        double Tail(string prefix) =>
            name.Length > prefix.Length
                ? double.Parse(name[prefix.Length..].TrimStart('_'), CultureInfo.InvariantCulture)
                : double.NaN;
        return name switch
        {
            "identity" => new IdentityRule(),
            "zplus" => AlphaBetaRule.ZPlus,
            "alpha2beta1" => new AlphaBetaRule(2, 1),
            "alpha1beta0" => new AlphaBetaRule(1, 0),
            "epsilon" => new EpsilonRule(),
            _ when name.StartsWith("flat", StringComparison.Ordinal) => new FlatRule(),
            _ when name.StartsWith("wsquare", StringComparison.Ordinal) => new WSquareRule(),
            _ when name.StartsWith("zbox", StringComparison.Ordinal) => new ZBoxRule(
                double.Parse(name.Split('_')[1], CultureInfo.InvariantCulture),
                double.Parse(name.Split('_')[2], CultureInfo.InvariantCulture)
            ),
            _ when name.StartsWith("epsilon", StringComparison.Ordinal) => new EpsilonRule(Tail("epsilon")),
            _ when name.StartsWith("gamma", StringComparison.Ordinal) => new GammaRule(Tail("gamma")),
            _ => throw new InvalidDataException($"no rule named {name}"),
        };
    }

    /// <summary>
    /// One rule: LXT hands on relevance with a stabilised division, R / (y + epsilon); under our rules the gradient that
    /// starts from that quotient, times the input, is the relevance of the input.
    /// </summary>
    private static void Rule(JsonElement golden)
    {
        JsonElement model = golden.GetProperty("model");
        JsonElement inputs = golden.GetProperty("inputs");
        JsonElement expected = golden.GetProperty("expected");
        string op = model.GetProperty("op").GetString()!;
        AttnLrpRules rules = new();
        using IDisposable grad = enable_grad();
        Tensor Leaf(string name) =>
            Matrix([.. Rows(inputs.GetProperty(name)).Select(r => (double[])[.. r.Select(Finite)])])
                .requires_grad_(true);
        bool pair = inputs.TryGetProperty("a", out _);
        Tensor a = Leaf(pair ? "a" : "x");
        Tensor? b = pair ? Leaf("b") : null;
        Tensor y = op switch
        {
            "softmax" => rules.Softmax(a),
            "linear" => rules.Linear(
                a,
                Matrix(Rows(model.GetProperty("weight"))),
                tensor(Row(model.GetProperty("bias")))
            ),
            "matmul" => rules.Attend(a, b!),
            "elementwise mul" => rules.Gate(a, b!),
            "layernorm" => rules.LayerNorm(
                a,
                tensor(Row(model.GetProperty("weight"))),
                tensor(Row(model.GetProperty("bias"))),
                model.GetProperty("eps").GetDouble()
            ),
            "rmsnorm" => rules.RmsNorm(
                a,
                tensor(Row(model.GetProperty("weight"))),
                model.GetProperty("eps").GetDouble()
            ),
            _ => rules.Activation(a, ActivationFunctions.Find(op == "gelu_erf" ? "gelu" : op)!),
        };
        if (expected.TryGetProperty("y", out JsonElement value))
        {
            Close([.. Rows(value).SelectMany(r => r)], EmbeddingPass.Doubles(y), 1e-10);
        }
        bool gradient = inputs.TryGetProperty("grad_out", out JsonElement given);
        Tensor seed = Matrix(Rows(gradient ? given : inputs.GetProperty("relevance_out")));
        if (!gradient)
        {
            double epsilon = golden.GetProperty("params").TryGetProperty("epsilon", out JsonElement e)
                ? e.GetDouble()
                : 0;
            Tensor divisor = y.detach() + (op == "matmul" ? epsilon / 2 : epsilon);
            seed = where(divisor.eq(0), zeros_like(seed), seed / divisor);
        }
        (y * seed).sum().backward();
        double tolerance = golden.GetProperty("tolerance").GetProperty("abs").GetDouble();
        double[] Out(Tensor leaf) =>
            EmbeddingPass.Doubles(
                gradient ? leaf.grad! : where(leaf.detach().eq(Masked), zeros_like(leaf), leaf.detach()) * leaf.grad!
            );
        if (pair)
        {
            Close([.. Rows(expected.GetProperty("relevance_a")).SelectMany(r => r)], Out(a), tolerance, 1e-7);
            Close([.. Rows(expected.GetProperty("relevance_b")).SelectMany(r => r)], Out(b!), tolerance, 1e-7);
        }
        else
        {
            string key = gradient ? "grad_in" : "relevance_in";
            Close([.. Rows(expected.GetProperty(key)).SelectMany(r => r)], Out(a), tolerance, 1e-8);
        }
    }

    /// <summary>
    /// A masked score, low enough for a probability of nothing and high enough that relevance can be divided by it. As an
    /// input it counts as zero.
    /// </summary>
    private const double Masked = -600;

    private static double Finite(double x) => double.IsNegativeInfinity(x) ? Masked : x;

    private static void Relevance(JsonElement golden)
    {
        (Network network, NetworkInput input) = GoldenTransformers.Of(golden);
        JsonElement expected = golden.GetProperty("expected");
        int target = expected.GetProperty("target").GetInt32();
        JsonElement logits = expected.TryGetProperty("logits_last", out JsonElement last)
            ? last
            : expected.GetProperty("logits");
        foreach (
            (string key, Func<PropagationRules> rules) in new (string, Func<PropagationRules>)[]
            {
                ("input_x_gradient", () => PropagationRules.Plain),
                ("attnlrp", () => new AttnLrpRules()),
                ("cplrp", () => new CpLrpRules()),
            }
        )
        {
            PassResult pass = EmbeddingPass.Run(
                network,
                input,
                rules(),
                _ => new TargetValue(ValueKind.Logit, target, -1, 1),
                layers: true,
                default
            );
            Close(Row(logits), pass.Logits, 1e-8);
            JsonElement of = expected.GetProperty(key);
            Close(Row(of.GetProperty("token_relevance")), pass.Tokens, 1e-8);
            if (of.TryGetProperty("hidden_relevance_after_layer", out JsonElement layers))
            {
                double[][] ours =
                [
                    .. pass
                        .Layers.Where(l => l.Name.StartsWith("layer.", StringComparison.Ordinal))
                        .Select(l => l.Tokens.ToArray()),
                ];
                double[][] theirs = Rows(layers);
                Assert.Equal(theirs.Length, ours.Length);
                for (int i = 0; i < ours.Length; i++)
                {
                    // LXT's own zeros are of the order of 1e-8 here.
                    Close(theirs[i], ours[i], 2e-7);
                }
            }
        }
        if (expected.TryGetProperty("attnlrp_contrastive", out JsonElement contrast))
        {
            TargetValue value = new(
                ValueKind.Contrast,
                contrast.GetProperty("pos").GetInt32(),
                contrast.GetProperty("neg").GetInt32(),
                1
            );
            PassResult pass = EmbeddingPass.Run(network, input, new AttnLrpRules(), _ => value, false, default);
            Close(Row(contrast.GetProperty("token_relevance")), pass.Tokens, 1e-8);
        }
    }

    private static void TinyModel(JsonElement golden)
    {
        (Network network, NetworkInput input) = GoldenTransformers.Of(golden);
        JsonElement expected = golden.GetProperty("expected");
        TargetValue target = new(ValueKind.Logit, expected.GetProperty("target").GetInt32(), -1, 1);
        Tensor x = network.Embed(input.Ids!);
        long mask = golden.GetProperty("inputs").GetProperty("mask_token_id").GetInt64();
        Tensor masked = network.Embed(full_like(input.Ids!, mask));
        foreach (
            (string key, Tensor baseline) in new[]
            {
                ("ig_gausslegendre_50_zero_baseline", zeros_like(x)),
                ("ig_gausslegendre_50_mask_token_baseline", masked),
            }
        )
        {
            double[] scores = ByRule(QuadratureRule.GaussLegendre(50), network, input, x, baseline, target);
            Close(Row(expected.GetProperty(key).GetProperty("token")), scores, 1e-6);
        }
        Close(
            Row(expected.GetProperty("input_x_gradient")),
            EmbeddingPass.Points(network, input, x, x, target, default).Tokens[0],
            1e-8
        );
        double whole = EmbeddingPass.Logits(network, input, x, default)[0][target.Target];
        double[] occluded = new double[x.shape[1]];
        for (int i = 0; i < occluded.Length; i++)
        {
            Tensor absent = x.clone();
            absent[0, i] = masked[0, i];
            occluded[i] = whole - EmbeddingPass.Logits(network, input, absent, default)[0][target.Target];
        }
        Close(Row(expected.GetProperty("occlusion_to_mask")), occluded, 1e-8);
        double[][] rollout = Rows(expected.GetProperty("attention_rollout"));
        RolloutRules rules = new();
        // Watched, so that the last layer keeps every row.
        network.Forward(input with { Observe = (_, _) => { } }, rules, default);
        for (int row = 0; row < rollout.Length; row++)
        {
            Close(rollout[row], RolloutRules.Roll(rules.Layers, row), 1e-8);
        }
        RolloutRules unwatched = new();
        network.Forward(input, unwatched, default);
        bool causal = golden.GetProperty("model").GetProperty("type").GetString() == "llama";
        int readOut = causal ? rollout.Length - 1 : 0;
        Close(rollout[readOut], RolloutRules.Roll(unwatched.Layers, readOut), 1e-8);
    }

    private static void Smooth(JsonElement golden)
    {
        Tensor x = Points(golden, "x");
        double[][] noise = Rows(golden.GetProperty("inputs").GetProperty("noise"));
        Tensor points = x + Matrix(noise).unsqueeze(-1);
        double[][] rows = EmbeddingPass
            .Points(NetworkOf(golden), Input(noise[0].Length), points, ones_like(points), Target(golden), default)
            .Tokens;
        JsonElement expected = golden.GetProperty("expected");
        double[][] perSample = Rows(expected.GetProperty("per_sample"));
        for (int i = 0; i < rows.Length; i++)
        {
            Close(perSample[i], rows[i], 1e-9);
        }
        Close(Row(expected.GetProperty("smoothgrad")), SmoothGrad.Means(rows), 1e-9);
    }

    private static void Expected(JsonElement golden)
    {
        JsonElement inputs = golden.GetProperty("inputs");
        Tensor x = Points(golden, "x");
        Tensor b = Matrix(Rows(inputs.GetProperty("baselines"))).unsqueeze(-1);
        Tensor alpha = tensor(Row(inputs.GetProperty("alphas"))).view(-1, 1, 1);
        double[][] rows = EmbeddingPass
            .Points(NetworkOf(golden), Input((int)x.shape[1]), b + alpha * (x - b), x - b, Target(golden), default)
            .Tokens;
        Close(Row(golden.GetProperty("expected").GetProperty("attributions")), SmoothGrad.Means(rows), 1e-9);
    }

    /// <summary>
    /// Sub-words sum to words. Where the reference lets punctuation continue a word, ours is a feature of its own: a run of
    /// punctuation always is.
    /// </summary>
    private static void Grouping(JsonElement golden)
    {
        string[] pieces =
        [
            .. golden.GetProperty("inputs").GetProperty("tokens").EnumerateArray().Select(t => t.GetString()!),
        ];
        double[] scores = Row(golden.GetProperty("inputs").GetProperty("scores"));
        bool wordPiece = golden.GetProperty("params").GetProperty("kind").GetString() == "wordpiece";
        string text = "";
        List<Token> tokens = [];
        foreach (string piece in pieces)
        {
            bool continues = wordPiece
                ? piece.StartsWith("##", StringComparison.Ordinal)
                : piece[0] is not ('▁' or 'Ġ');
            string shown = piece.Replace("##", "").Replace("▁", "").Replace("Ġ", "");
            text += text.Length > 0 && !continues && !(wordPiece && shown == "!") ? " " : "";
            tokens.Add(new Token(piece, tokens.Count, text.Length, text.Length + shown.Length, false));
            text += shown;
        }
        FeatureSet features = FeatureSet.Build(new TokenizedText { Text = text, Tokens = tokens }, FeatureKind.Word);
        int[][] groups =
        [
            .. Rows(golden.GetProperty("expected").GetProperty("groups"))
                .Select(g => (int[])[.. g.Select(i => (int)i)]),
        ];
        int[][] ours = [.. groups.SelectMany(g => Split(g, i => pieces[i] == "!"))];
        Assert.Equal(ours, features.Features.Select(f => f.Tokens.ToArray()));
        Assert.Equal(ours.Select(g => g.Sum(i => scores[i])), features.Sum(scores));
    }

    private static IEnumerable<int[]> Split(int[] group, Func<int, bool> alone)
    {
        int[] rest = [.. group.Where(i => !alone(i))];
        if (rest.Length > 0)
        {
            yield return rest;
        }
        foreach (int i in group.Where(alone))
        {
            yield return [i];
        }
    }

    private static void Close(double expected, double actual, double tolerance) =>
        Close([expected], [actual], tolerance);

    private static void Close(double[] expected, double[] actual, double tolerance, double relative = 1e-7)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = tolerance + relative * Math.Abs(expected[i]);
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= allowed,
                $"[{i}] expected {expected[i]:R}, got {actual[i]:R} (allowed {allowed:R})"
            );
        }
    }
}
