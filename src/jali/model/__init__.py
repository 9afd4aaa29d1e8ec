"""The words every other package uses: values and errors, no behaviour, no third-party imports."""
