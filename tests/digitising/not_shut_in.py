"""A nursery on a machine whose kernel shuts nobody in."""

from openprep.digitising import confined, nursery

if __name__ == "__main__":
    vars(confined)["ARCHITECTURES"] = {}
    nursery.main()
