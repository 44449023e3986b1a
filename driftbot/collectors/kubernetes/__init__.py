"""Kubernetes objects as manifests state them: one noun a module, each with its keys and the API's defaults. Pure.

Defaults are those of the Kubernetes API, as its reference gives them for each field
(https://kubernetes.io/docs/reference/kubernetes-api/). A value that nobody wrote is a fact with provenance ``default``
whose origin is the object that would hold it.
"""
