using System.Text.RegularExpressions;
using Whylight.Explanations;
using Whylight.Explanations.Rendering;
using Whylight.Models;

namespace Whylight.Tests.Explanations.Rendering;

/// <summary>The record of every method, by a shipped model.</summary>
public sealed partial class MethodRecordTests : IAsyncLifetime
{
    private ITextClassifier _model = null!;

    public static TheoryData<string> Methods() => [.. Explainer.Default.Methods];

    public async ValueTask InitializeAsync() =>
        _model = await ModelLoader.LoadAsync("builtin:sentiment", null, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        _model.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Json_gives_back_the_record_and_every_form_of_it(string method)
    {
        Explanation e = await ExplainAsync(method);
        string json = ExplanationJson.Write(e);
        Explanation read = ExplanationJson.Read(json);
        Assert.Equal(json, ExplanationJson.Write(read));
        foreach (string format in ExplanationDocument.Formats)
        {
            ViewOptions view = new();
            Assert.Equal(ExplanationDocument.Render(e, format, view), ExplanationDocument.Render(read, format, view));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_hover_has_only_styles_that_the_editor_keeps(string method)
    {
        string hover = HoverRenderer.Render(await ExplainAsync(method), Messages.English, HoverForm.Html);
        string[] styles = [.. Style().Matches(hover).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(styles);
        Assert.All(styles, style => Assert.Matches(Kept(), style));
    }

    private Task<Explanation> ExplainAsync(string method) =>
        Explainer.Default.ExplainAsync(
            _model,
            new ExplanationRequest
            {
                Text = "not a *good* film",
                Method = method,
                Budget = 1024,
            },
            cancellation: TestContext.Current.CancellationToken
        );

    [GeneratedRegex("style=\"([^\"]*)\"")]
    private static partial Regex Style();

    /// <summary>Colour, background, radius, in this order, no blanks, each ended: what VS Code's sanitiser lets through.</summary>
    [GeneratedRegex(
        @"\A(color:(#[0-9a-fA-F]+|var\(--vscode(-[a-zA-Z0-9]+)+\));)?(background-color:(#[0-9a-fA-F]+|var\(--vscode(-[a-zA-Z0-9]+)+\));)?(border-radius:[0-9]+px;)?\z"
    )]
    private static partial Regex Kept();
}
