"""How the threshold of an alert fits what is measured."""
