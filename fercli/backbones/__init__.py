"""Networks from images to features: adapters over timm and torchvision, and nets that no library has."""
