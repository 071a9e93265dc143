using Whylight.Benchmarks;

// Each benchmark prints its table; without a name, all run.
SortedDictionary<string, Action<TextWriter>> benchmarks = new(StringComparer.Ordinal)
{
    ["tokenizers"] = TokenizerBenchmark.Run,
};

foreach (string name in args)
{
    if (!benchmarks.ContainsKey(name))
    {
        Console.Error.WriteLine($"there is no benchmark '{name}'; known are {string.Join(", ", benchmarks.Keys)}");
        return 2;
    }
}
foreach ((string name, Action<TextWriter> run) in benchmarks)
{
    if (args.Length == 0 || args.Contains(name, StringComparer.Ordinal))
    {
        run(Console.Out);
    }
}
return 0;
