global using Whylight.Options;
