# Two commands do everything: `make demo` and `make test`. The rest are their parts.
# They need Python 3.11 or newer, git and make, and the package registries.

.PHONY: demo demo-nation demo-capture test check coverage site sync bench dist clean system

UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen
SPEED ?= 720
# Thousands of nights that wait for a disk take as long again: in memory, where there is room.
TEST_FOLDER := $(shell .ci/folder-in-memory)
# The page's own files, and where the version stands that its release is named by.
SITE_SOURCES := $(shell find site -type f -not -path '*/node_modules/*' 2>/dev/null) \
	src/openprep/__init__.py

demo: sync src/openprep/_site/index.html
	$(RUN) openprep demo --speed $(SPEED)

# A nation from a seed, at a twentieth of its sections.
demo-nation: sync src/openprep/_site/index.html
	$(RUN) openprep demo --election federal-2024 --scale 0.05 --speed max --data nation

# A capture room with a crowd at work in it, and work left for you.
demo-capture: sync src/openprep/_site/index.html
	$(RUN) openprep demo --capture --data room

test: system sync check src/openprep/_site/index.html
	$(RUN) npm --prefix site run check
	$(RUN) npm --prefix site test
	TMPDIR=$(TEST_FOLDER) $(RUN) pytest -n 2 --dist loadgroup --no-loadscope-reorder

check: sync site/node_modules
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) npm --prefix site run lint

# Lines and branches that the tests reach, in all processes; the page's run a browser and are left out.
coverage: system sync src/openprep/_site/index.html
	$(RUN) coverage erase
	TMPDIR=$(TEST_FOLDER) $(RUN) coverage run -m pytest -n 2 --dist loadgroup \
		--no-loadscope-reorder --ignore=tests/page
	$(RUN) coverage combine --quiet
	$(RUN) coverage report

bench: sync src/openprep/_site/index.html
	$(RUN) python -m benchmarks

# A source archive and a wheel in dist/. Both have the page in them, or are not made.
dist: sync src/openprep/_site/index.html
	$(UV) build --out-dir dist

site: sync src/openprep/_site/index.html

site/node_modules: site/package.json site/package-lock.json | sync
	$(RUN) npm --prefix site ci --no-audit --no-fund
	@touch $@

src/openprep/_site/index.html: $(SITE_SOURCES) | sync site/node_modules
	$(RUN) npm --prefix site run build
	@touch $@

sync: .tools/synced
	@:

.tools/synced: pyproject.toml uv.lock
	@command -v $(UV) >/dev/null || (python3 -m venv .tools && .tools/bin/pip install -q uv)
	$(UV) sync --frozen --quiet
	@mkdir -p .tools && touch $@

# What the tests need besides Python packages: a browser.
system:
	@.ci/system-packages

clean:
	rm -rf .tools .venv demo-data src/openprep/_site site/node_modules
