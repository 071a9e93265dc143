using System.Text;
using Whylight.Explanations.Rendering;
using Whylight.LanguageServer.Protocol;
using Whylight.LanguageServer.State;

namespace Whylight.LanguageServer.Features;

/// <summary>A hover in the form that the editor can show; text from files and models is escaped for it.</summary>
internal static class HoverText
{
    public static MarkupContent Render(HoverContent content, HoverMarkup markup, Messages messages)
    {
        string kind = markup == HoverMarkup.PlainText ? MarkupContent.PlainText : MarkupContent.Markdown;
        if (content.Explanation is { } explanation)
        {
            HoverForm form = markup switch
            {
                HoverMarkup.Html => HoverForm.Html,
                HoverMarkup.Markdown => HoverForm.Markdown,
                _ => HoverForm.PlainText,
            };
            HoverOptions options = new() { Expected = content.Expected, Computing = content.Computing };
            return new MarkupContent(kind, HoverRenderer.Render(explanation, messages, form, options).TrimEnd());
        }
        Func<string, string> escape = kind == MarkupContent.PlainText ? Escape.Visible : Escape.Markdown;
        StringBuilder text = new();
        if (content.Prediction is { } prediction)
        {
            string mark = kind == MarkupContent.PlainText ? "" : "**";
            text.Append(mark)
                .Append(escape(Rationale.Headline(prediction, messages, content.Expected)))
                .Append(mark)
                .Append("\n\n");
        }
        foreach (string notice in content.Notices)
        {
            text.Append(escape(notice)).Append("\n\n");
        }
        return new MarkupContent(kind, text.ToString().TrimEnd());
    }
}
