"""Ready-made models."""

from .alexnet import AlexNet
from .imagenet import PictureStandardization
from .lenet import LeNet5
from .perceptron import Perceptron
from .vgg import VGG16, VGG19

__all__ = ["VGG16", "VGG19", "AlexNet", "LeNet5", "Perceptron", "PictureStandardization"]
