"""Write the network of a run for other programs: ONNX, torch.export, safetensors, a model card, a page."""
