namespace Whylight.Explanations.Rendering;

/// <summary>Sets words one after the other on a canvas, line by line, below what is drawn already.</summary>
internal sealed class SvgFlow
{
    private readonly SvgCanvas _svg;
    private readonly double _lineHeight;
    private readonly double _blank = SvgCanvas.WidthOf(" ", SvgText.Body);
    private double _x;
    private double _y;

    private readonly bool _rightToLeft;

    /// <summary>A flow that begins below what is drawn already.</summary>
    /// <param name="svg">The canvas.</param>
    /// <param name="lineHeight">From baseline to baseline.</param>
    /// <param name="rightToLeft">Whether lines begin at the right.</param>
    public SvgFlow(SvgCanvas svg, double lineHeight, bool rightToLeft)
    {
        _rightToLeft = rightToLeft;
        _svg = svg;
        _lineHeight = lineHeight;
        _x = svg.Left;
        _y = svg.Y + 16;
    }

    /// <summary>A blank between words; none at the beginning of a line.</summary>
    public void Blank() => _x += _x > _svg.Left ? _blank : 0;

    /// <summary>Where something of a width goes: its left end and baseline.</summary>
    public (double X, double Y) Take(double width)
    {
        if (_x + width > _svg.Left + _svg.Width && _x > _svg.Left)
        {
            _x = _svg.Left;
            _y += _lineHeight;
        }
        double at = _x;
        _x += width;
        return (_rightToLeft ? 2 * _svg.Left + _svg.Width - at - width : at, _y);
    }

    /// <summary>Ends the flow: what follows is drawn below it.</summary>
    /// <param name="descent">Space that the last line needs below its baseline.</param>
    public void End(double descent) => _svg.Y = _y + descent;
}
