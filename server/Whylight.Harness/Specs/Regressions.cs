using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Whylight.Harness.Reports;

namespace Whylight.Harness.Specs;

/// <summary>
/// Failures remembered from earlier runs in <c>.whylight/regressions.jsonl</c>, one replay string a line, tried first the
/// next time. A cache: it may be deleted at any time, and lines that cannot be read are dropped.
/// </summary>
internal sealed class Regressions
{
    private const int MostPerTest = 20;
    private readonly string? _path;
    private readonly List<ReplayCase> _cases = [];
    private readonly Lock _lock = new();
    private bool _changed;

    public Regressions(string? stateFolder)
    {
        _path = stateFolder is null ? null : Path.Combine(stateFolder, "regressions.jsonl");
        if (_path is null || !File.Exists(_path))
        {
            return;
        }
        foreach (string line in File.ReadLines(_path, Encoding.UTF8))
        {
            try
            {
                string? replay = JsonNode.Parse(line)?["replay"]?.GetValue<string>();
                if (replay is not null)
                {
                    _cases.Add(ReplayCase.Decode(replay));
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or ReplayException)
            {
                _changed = true;
            }
        }
    }

    /// <summary>The cases of a test, the newest first.</summary>
    public IReadOnlyList<ReplayCase> For(string suite, string test)
    {
        lock (_lock)
        {
            return _cases.Where(c => c.Suite == suite && c.Test == test && c.Case is not null).Reverse().ToArray();
        }
    }

    public void Remember(ReplayCase failure)
    {
        lock (_lock)
        {
            if (failure.Case is null || _cases.Any(c => Same(c, failure)))
            {
                return;
            }
            _cases.Add(failure);
            ReplayCase[] ofTest = _cases.Where(c => c.Suite == failure.Suite && c.Test == failure.Test).ToArray();
            if (ofTest.Length > MostPerTest)
            {
                _cases.Remove(ofTest[0]);
            }
            _changed = true;
        }
    }

    public void Forget(ReplayCase mended)
    {
        lock (_lock)
        {
            _changed |= _cases.Remove(mended);
        }
    }

    public void Save()
    {
        lock (_lock)
        {
            if (_path is null || !_changed)
            {
                return;
            }
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
                string[] lines = _cases
                    .Select(c =>
                        ReportJson.WriteLine(
                            new JsonObject
                            {
                                ["suite"] = c.Suite,
                                ["test"] = c.Test,
                                ["text"] = c.Case!.Edited,
                                ["replay"] = c.Encode(),
                            }
                        )
                    )
                    .ToArray();
                File.WriteAllText(_path, string.Concat(lines.Select(l => l + "\n")));
                _changed = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A read-only checkout remembers nothing; the run itself is not the worse for it.
            }
        }
    }

    private static bool Same(ReplayCase a, ReplayCase b) =>
        a.Suite == b.Suite && a.Test == b.Test && a.Case!.Text == b.Case!.Text && a.Case.Edits.Equals(b.Case.Edits);
}
