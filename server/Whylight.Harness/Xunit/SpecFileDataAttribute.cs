using System.Reflection;
using System.Runtime.CompilerServices;
using Whylight.Documents;
using Whylight.Harness.Specs;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Whylight.Harness.Xunit;

/// <summary>
/// Makes an xunit theory of a spec file: one case a test, with the spec's full path and the test's id as its two string
/// arguments, to be held by <see cref="SpecAssert.HoldsAsync"/> against any <see cref="Models.ITextClassifier"/>.
/// </summary>
/// <example>
/// <code>
/// [Theory, SpecFileData("specs/sentiment.spec.yaml")]
/// public Task Holds(string spec, string test) => SpecAssert.HoldsAsync(spec, test, myModel);
/// </code>
/// </example>
/// <remarks>The path is looked for beside the test's source file and in the folders above it, then from where the tests run.</remarks>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class SpecFileDataAttribute : DataAttribute
{
    private readonly string _callerFile;

    /// <summary>Names the spec file.</summary>
    /// <param name="path">Its path, relative or full.</param>
    /// <param name="callerFile">Left to the compiler.</param>
    public SpecFileDataAttribute(string path, [CallerFilePath] string callerFile = "")
    {
        Path = path;
        _callerFile = callerFile;
    }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    /// <exception cref="DocumentException">The spec is not found, cannot be read or has an error.</exception>
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod,
        DisposalTracker disposalTracker
    )
    {
        string path = Find();
        SpecFile spec = SpecReader.Load(path);
        return ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            spec.Tests.Select(t => new TheoryDataRow<string, string>(path, t.Id)
                {
                    TestDisplayName = $"{spec.Name}/{t.Id}",
                })
                .ToArray()
        );
    }

    /// <inheritdoc/>
    public override bool SupportsDiscoveryEnumeration() => true;

    private string Find()
    {
        string?[] starts =
        [
            System.IO.Path.GetDirectoryName(_callerFile),
            Environment.CurrentDirectory,
            AppContext.BaseDirectory,
        ];
        foreach (string? start in starts)
        {
            for (
                string? folder = start;
                !string.IsNullOrEmpty(folder);
                folder = System.IO.Path.GetDirectoryName(folder)
            )
            {
                string candidate = System.IO.Path.Combine(folder, Path);
                if (File.Exists(candidate))
                {
                    return System.IO.Path.GetFullPath(candidate);
                }
            }
        }
        throw new DocumentException($"there is no spec '{Path}' beside the test or in a folder above it");
    }
}
