using System.Globalization;

namespace Whylight.Benchmarks;

/// <summary>The benchmarks by name. <c>all</c>, or no name, runs every one in this order.</summary>
internal static class Registry
{
    private static readonly (string Name, Func<Report, Task> Run)[] s_table =
    [
        ("attnlrp", AttnLrpBenchmark.RunAsync),
        ("hover", HoverBenchmark.RunAsync),
        ("shapley", ShapleyBenchmark.RunAsync),
        ("shapley-error", ShapleyErrorBenchmark.RunAsync),
        ("integrated-gradients", IntegratedGradientsBenchmark.RunAsync),
        ("calls", CallsBenchmark.RunAsync),
        ("coalitions", CoalitionsBenchmark.RunAsync),
        ("memory", MemoryBenchmark.RunAsync),
    ];

    // Those that print a table of their own.
    private static readonly (string Name, Action<TextWriter> Run)[] s_own = [("tokenizers", TokenizerBenchmark.Run)];

    /// <summary>Runs the benchmarks named, or all.</summary>
    /// <returns>0, or 2 for a name that there is not.</returns>
    public static async Task<int> RunAsync(string[] names, TextWriter output, TextWriter error)
    {
        string[] known = [.. s_table.Select(b => b.Name), .. s_own.Select(b => b.Name)];
        string? unknown = names.FirstOrDefault(n => n != "all" && !known.Contains(n));
        if (unknown is not null)
        {
            await error.WriteLineAsync(
                $"there is no benchmark '{unknown}'; choose all or one of: {string.Join(", ", known)}"
            );
            return 2;
        }
        bool Wanted(string name) => names.Length == 0 || names.Contains("all") || names.Contains(name);
        Report report = new(output);
        foreach ((string name, Func<Report, Task> run) in s_table.Where(b => Wanted(b.Name)))
        {
            await error.WriteLineAsync($"{name} ...");
            await run(report);
        }
        foreach ((_, Action<TextWriter> run) in s_own.Where(b => Wanted(b.Name)))
        {
            await output.WriteLineAsync();
            run(output);
        }
        return 0;
    }
}

/// <summary>The table, a row a figure, written as it comes.</summary>
internal sealed class Report(TextWriter output)
{
    private bool _begun;

    /// <summary>One figure.</summary>
    /// <param name="what">What was measured.</param>
    /// <param name="reach">What to reach, or a dash.</param>
    /// <param name="measured">What came out.</param>
    /// <param name="detail">What it is made of.</param>
    public void Row(string what, string reach, FormattableString measured, FormattableString detail)
    {
        if (!_begun)
        {
            output.WriteLine("| what | reach | measured | detail |\n|---|---|---|---|");
            _begun = true;
        }
        output.WriteLine(
            $"| {what} | {reach} | {measured.ToString(CultureInfo.InvariantCulture)} | {detail.ToString(CultureInfo.InvariantCulture)} |"
        );
        output.Flush();
    }
}
