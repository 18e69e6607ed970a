"""The weights of a first dense layer are shown as images."""

import numpy as np
import pytest

from lampas.app.examples.images_report import add_features
from lampas.app.report import Report
from lampas.applications import image_networks as networks


@pytest.mark.long
def test_what_dense_layers_look_for_is_shown_as_pictures(tmp_path):
    report = Report("Digits")
    digit = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    add_features(report, networks.image_network("mlp", (8, 8, 1), 10), digit)
    page = report.write(tmp_path / "report.html").read_text()
    assert "96 of 256 filters, 8×8" in page
    assert "Feature maps" not in page  # There are no feature maps.
