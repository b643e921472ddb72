"""Trains a model for a farm, and writes its losses to a file."""

import argparse
import json

from windfarm import data, statistics, training


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--turbines', type=int, default=3)
  parser.add_argument('--rounds', type=int, default=3)
  arguments = parser.parse_args()
  result = training.train(arguments.turbines, arguments.rounds)
  for number, loss in enumerate(result.losses, 1):
    print('round {}: loss {:.5f}'.format(number, loss))
  error = training.evaluate(result.state, arguments.turbines)
  powers = [data.readings(t)[1].flatten().tolist() for t in range(arguments.turbines)]
  highest = statistics.mean_highest_power(powers, 2.0)
  print('error {:.5f}, twice the highest power {:.4f}'.format(error, highest))
  with open('losses.json', 'w') as file:
    json.dump({'losses': result.losses, 'error': error}, file)


if __name__ == '__main__':
  main()
