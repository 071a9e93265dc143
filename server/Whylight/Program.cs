using var x = TorchSharp.torch.randn(2, 3);
Console.WriteLine(x.shape[1]);
return 0;
