"""The six stages of learning.

1. Initialization: ``core/build.py`` draws the first weights.
2. Forward propagation, 3. error function, 4. backpropagation, 5. weight update: ``step.py``.
6. Iterate until convergence: ``epoch.py`` inside one compiled program, ``fit.py`` around it.
"""
