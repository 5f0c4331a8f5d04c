"""The conformance profile: the kernel behind the endpoints that public suites expect. Not in the wheel, never deployed.

``python -m demo.conformance --http PORT --https PORT --dids FILE``
"""
