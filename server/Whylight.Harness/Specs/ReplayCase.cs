using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.Harness.Reports;
using Whylight.Harness.Search;
using Whylight.Perturbations;

namespace Whylight.Harness.Specs;

/// <summary>A replay string that cannot be used; the message is one sentence meant for the user.</summary>
public sealed class ReplayException : Exception
{
    /// <summary>An exception with a message meant for the user.</summary>
    public ReplayException(string message)
        : base(message) { }

    /// <summary>The same, keeping the exception that led here.</summary>
    public ReplayException(string message, Exception inner)
        : base(message, inner) { }
}

/// <summary>Everything needed to reproduce one failure, in one string that can be pasted.</summary>
/// <remarks>
/// The string is <c>wl1.</c> and, in base64url, four bytes of SHA-256 over the rest and the case as deflated JSON. It holds
/// the text itself: whoever passes it on passes on the text.
/// </remarks>
public sealed record ReplayCase
{
    private const string Prefix = "wl1.";
    private const int MostBytes = 16 << 20;

    /// <summary>The suite's name.</summary>
    public required string Suite { get; init; }

    /// <summary>The test's id.</summary>
    public required string Test { get; init; }

    /// <summary>SHA-256 of the spec's text, lower-case hex.</summary>
    public required string SpecHash { get; init; }

    /// <summary>Hash of the model that failed.</summary>
    public required string ModelHash { get; init; }

    /// <summary>The suite's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The failing text and edits, or null where the whole test is to be run again.</summary>
    public PerturbedText? Case { get; init; }

    /// <summary>The label expected of the text, for tests that have one.</summary>
    public string? Label { get; init; }

    /// <summary>The string.</summary>
    public string Encode()
    {
        JsonObject json = new()
        {
            ["suite"] = Suite,
            ["test"] = Test,
            ["spec"] = SpecHash,
            ["model"] = ModelHash,
            ["seed"] = Seed,
        };
        if (Case is not null)
        {
            JsonObject failing = CounterexampleJson.Case(Case);
            failing.Remove("edited");
            json["case"] = failing;
        }
        if (Label is not null)
        {
            json["label"] = Label;
        }
        using MemoryStream packed = new();
        using (DeflateStream deflate = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(Encoding.UTF8.GetBytes(ReportJson.WriteLine(json)));
        }
        byte[] body = packed.ToArray();
        return Prefix + Base64Url.EncodeToString([.. SHA256.HashData(body).AsSpan(0, 4), .. body]);
    }

    /// <summary>Reads a string that <see cref="Encode"/> made.</summary>
    /// <exception cref="ReplayException">It is none, or was damaged on the way.</exception>
    public static ReplayCase Decode(string replay)
    {
        string trimmed = replay.Trim();
        if (trimmed.StartsWith("replay:", StringComparison.Ordinal))
        {
            trimmed = trimmed["replay:".Length..].Trim();
        }
        if (!trimmed.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new ReplayException($"this is no replay string: it begins with '{Prefix}'");
        }
        try
        {
            byte[] bytes = Base64Url.DecodeFromChars(trimmed.AsSpan(Prefix.Length));
            ReadOnlySpan<byte> body = bytes.AsSpan(4);
            if (!SHA256.HashData(body).AsSpan(0, 4).SequenceEqual(bytes.AsSpan(0, 4)))
            {
                throw new ReplayException("the replay string is damaged: copy it again, whole");
            }
            using DeflateStream inflate = new(new MemoryStream(bytes, 4, bytes.Length - 4), CompressionMode.Decompress);
            using MemoryStream plain = new();
            byte[] buffer = new byte[8192];
            for (int read = inflate.Read(buffer); read > 0; read = inflate.Read(buffer))
            {
                plain.Write(buffer, 0, read);
                if (plain.Length > MostBytes)
                {
                    throw new ReplayException("the replay string holds more than 16 MB");
                }
            }
            return Read(JsonNode.Parse(plain.ToArray())!.AsObject());
        }
        catch (Exception e)
            when (e
                    is FormatException
                        or ArgumentException
                        or InvalidDataException
                        or JsonException
                        or InvalidOperationException
                        or NullReferenceException
                        or OverflowException
            )
        {
            throw new ReplayException("the replay string is damaged: copy it again, whole", e);
        }
    }

    private static ReplayCase Read(JsonObject json) =>
        new()
        {
            Suite = Text(json, "suite"),
            Test = Text(json, "test"),
            SpecHash = Text(json, "spec"),
            ModelHash = Text(json, "model"),
            Seed = json["seed"]!.GetValue<ulong>(),
            Label = json["label"]?.GetValue<string>(),
            Case = json["case"] is JsonObject failing
                ? new PerturbedText(
                    Text(failing, "text"),
                    new EditSequence(
                        failing["edits"]!
                            .AsArray()
                            .Select(e => new Edit(
                                e!["start"]!.GetValue<int>(),
                                e["length"]!.GetValue<int>(),
                                e["replacement"]!.GetValue<string>(),
                                e["perturbation"]!.GetValue<string>()
                            ))
                    )
                )
                : null,
        };

    private static string Text(JsonObject json, string key) => json[key]!.GetValue<string>();
}
