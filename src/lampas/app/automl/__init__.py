"""``lampas train``: automatic training on tables, images, texts, series and audio."""
