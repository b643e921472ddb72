"""The notebook runs, cell after cell."""

import json
import os

NOTEBOOK = os.path.join(os.path.dirname(__file__), '..', 'report.ipynb')


def test_report():
  with open(NOTEBOOK) as file:
    cells = json.load(file)['cells']
  names = {}
  for cell in cells:
    if cell['cell_type'] == 'code':
      exec(''.join(cell['source']), names)
  assert 0.2 < names['final']['mean_absolute_error'] < 1.0
