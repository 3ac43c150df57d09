/** Settings that belong together, under a name. */
import type { Values } from './knobs.ts'

interface Preset {
  readonly title: string
  readonly values: Values
}

/** A group of four that talks for a while over a good network. */
const quiet: Values = {
  peers: 4,
  messages: 6,
  size: 4_000,
  stores: 1,
  parity: 0,
  minutes: 10,
  loss: 0.01,
  latency: 50,
  jitter: 50,
  memory: 'yes',
  theme: 'none',
}

export const DEFAULT_PRESET = 'lossy'

/** The presets, by name. */
export const presets: Readonly<Record<string, Preset>> = {
  lossy: {
    title: '30 % loss, copies, and messages that overtake each other; what is meant where none is named',
    values: {
      peers: 4,
      messages: 10,
      size: 4_000,
      segment: 1_024,
      parity: 0,
      stores: 0,
      minutes: 0.33,
      loss: 0.3,
      duplicate: 0.1,
      reorder: 0.2,
      latency: 50,
      jitter: 0,
      memory: 'no',
      theme: 'none',
    },
  },
  clean: { title: 'nothing goes wrong', values: { ...quiet, loss: 0, jitter: 0 } },
  'bad-wifi': {
    title: 'loss in bursts, delays with a long tail, and lines that are slow',
    values: {
      ...quiet,
      loss: 0.05,
      'burst-loss': 0.8,
      burst: 3_000,
      calm: 20_000,
      duplicate: 0.05,
      reorder: 0.1,
      'reorder-by': 500,
      jitter: 100,
      'jitter-shape': 'long-tailed',
      up: 125_000,
      down: 500_000,
      queue: 256_000,
    },
  },
  'train-tunnel': {
    title: 'members are cut off for seconds to minutes, again and again',
    values: { ...quiet, minutes: 30, loss: 0.05, jitter: 200, theme: 'offline+tunnel' },
  },
  'tiny-quota': {
    title: '20 messages in ten minutes for each node, acknowledgements included',
    values: { ...quiet, messages: 4, size: 1_000, minutes: 60, loss: 0.02, quota: 20, epoch: 600 },
  },
  'offline-returns': {
    title: 'members are away for hours, and come back to what was said meanwhile',
    values: { ...quiet, messages: 10, minutes: 720, 'memory-loss': 0.1, page: 20, theme: 'offline+reopen' },
  },
  'sleepy-laptops': {
    title: 'laptops that sleep in the middle of things, and whose clocks go wrong',
    values: { ...quiet, minutes: 240, theme: 'sleep+clocks' },
  },
  'background-tabs': {
    title: 'tabs without a store that the browser freezes, and whose timers fire once a minute',
    values: { ...quiet, stores: 0, minutes: 60, theme: 'tabs+freeze' },
  },
  'flaky-store': {
    title: 'stores that hang, reject and are slow, and processes that crash',
    values: { ...quiet, minutes: 60, theme: 'store+crash' },
  },
  hostile: {
    title:
      'outsiders who repeat, alter, cut and invent frames of a channel that is sealed, while members come and go',
    values: { ...quiet, minutes: 60, loss: 0.05, theme: 'hostile+offline' },
  },
  liars: {
    title: 'a member with the key who lies in his own name, while others come and go',
    values: { ...quiet, peers: 3, minutes: 5, theme: 'liars+offline' },
  },
  impostors: {
    title: 'the same in the name of others too, where the cipher signs',
    values: { ...quiet, peers: 3, minutes: 5, theme: 'impostors+offline' },
  },
  everything: {
    title: 'everything at once, and whatever else the seed says',
    values: { theme: 'everything' },
  },
}
