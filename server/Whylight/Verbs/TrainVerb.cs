using System.CommandLine;
using Whylight.Models;
using Whylight.Models.Training;

namespace Whylight.Verbs;

/// <summary><c>whylight train</c>: a model of any rung from labelled texts, with its card.</summary>
internal static class TrainVerb
{
    public static Command Build(Streams streams)
    {
        TrainOptions options = new();
        Command command = new("train", "Train a model from labelled texts; its card lies next to the weights");
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, streams, options, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed,
        Streams streams,
        TrainOptions options,
        CancellationToken cancellation
    )
    {
        TrainingRequest request = await options.RequestAsync(parsed, cancellation);
        try
        {
            TrainingProgressLine progress = new(streams);
            TrainingResult result = await ModelTrainer.TrainAsync(request, progress, cancellation);
            progress.End();
            if (result.Interrupted)
            {
                Warnings.Write(streams, "interrupted: the best weights so far were kept; go on with --resume");
            }
            string card = Path.Combine(request.Output, "README.md");
            await streams.Out.WriteAsync(await File.ReadAllTextAsync(card, CancellationToken.None));
            return 0;
        }
        finally
        {
            foreach (ITextClassifier teacher in request.Teachers)
            {
                teacher.Dispose();
            }
        }
    }
}
