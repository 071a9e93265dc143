using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Whylight;

/// <summary>Adds examples, and on the first page what every verb shares, to the help that is made from the command tree.</summary>
internal static class HelpText
{
    private const string Shared = """
        Every verb:
          whylight VERB --help    its options and examples
          Results go to standard output, and nothing else does; progress, warnings and errors go to standard error.
          Exit code 0: done. 1: a check or lint failed. 2: bad input. 3: inconclusive, with check --strict.
          NO_COLOR turns colours off, COLUMNS sets the width, LANG=zh_CN the language of the sentences.
        """;

    /// <summary>Examples by verb; the first page's by the command's own name.</summary>
    public static IReadOnlyDictionary<string, string[]> Examples { get; } =
        new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["whylight"] =
            [
                "whylight explain --text \"The plot is thin, but the acting is superb.\"",
                "whylight explain reviews.tsv:3 --method shapley --format html > why.html",
                "whylight lint reviews.tsv",
                "whylight check specs",
            ],
            ["predict"] =
            [
                "whylight predict --text \"a warm and lovely film\"",
                "whylight predict --model builtin:sentiment-zh reviews.csv --format jsonl",
                "cat letter.txt | whylight predict -",
            ],
            ["tokenize"] =
            [
                "whylight tokenize --text \"naïve 👍\"",
                "whylight tokenize --model models/my-bert --text \"good\" --format json",
            ],
            ["explain"] =
            [
                "whylight explain --text \"The plot is thin, but the acting is superb.\"",
                "whylight explain --text \"not good\" --method interactions --budget 512",
                "whylight explain reviews.tsv:3 --method counterfactual",
                "whylight explain --text \"a lovely film\" --evaluate --format html > why.html",
            ],
            ["lint"] = ["whylight lint data/*.tsv", "whylight lint reviews.tsv --format sarif > findings.sarif"],
            ["check"] =
            [
                "whylight check specs/sentiment.spec.yaml",
                "whylight check --report junit=results.xml --report html=report.html",
                "whylight check --replay \"STRING PRINTED BY A FAILURE\"",
            ],
            ["evaluate"] =
            [
                "whylight evaluate --dataset dev.tsv",
                "whylight evaluate --dataset dev.tsv --model builtin:sentiment --model builtin:sentiment-linear",
                "whylight evaluate --dataset dev.tsv --explanations shapley,attnlrp,occlusion --limit 50",
            ],
            ["train"] =
            [
                "whylight train --family linear --dataset train.tsv --dev dev.tsv --output models/mine",
                "whylight train --family bert --dataset train.tsv --pretrain texts.txt --output models/mine-bert",
            ],
            ["models"] = ["whylight models", "whylight models --format json"],
        };

    /// <summary>Changes the help of a command tree.</summary>
    /// <param name="root">The whole tree.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static void AddTo(RootCommand root, int width)
    {
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction action } help)
            {
                action.MaxWidth = Math.Clamp(width, 60, 120);
                help.Action = new WithExamples(action, root);
            }
        }
    }

    private sealed class WithExamples(HelpAction help, RootCommand root) : SynchronousCommandLineAction
    {
        // Help is given however wrong the rest of the line is.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            Command command = parseResult.CommandResult.Command;
            string name = command == root ? "whylight" : command.Name;
            if (Examples.TryGetValue(name, out string[]? examples))
            {
                output.WriteLine("Examples:");
                foreach (string example in examples)
                {
                    output.WriteLine("  " + example);
                }
                output.WriteLine();
            }
            if (command == root)
            {
                output.WriteLine(Shared);
                output.WriteLine();
            }
            return code;
        }
    }
}
