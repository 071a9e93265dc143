using Whylight.Benchmarks;

return await Registry.RunAsync(args, Console.Out, Console.Error);
