"""Ready-made networks, some with pretrained weights."""

from .alexnet import AlexNet
from .imagenet import ImageNetPreprocessing
from .lenet import LeNet5
from .perceptron import Perceptron
from .vgg import VGG16, VGG19

__all__ = ["VGG16", "VGG19", "AlexNet", "ImageNetPreprocessing", "LeNet5", "Perceptron"]
