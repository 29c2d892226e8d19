"""Networks from images to features: adapters for timm and torchvision, and networks that no library has."""
