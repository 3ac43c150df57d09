import { HOUR_MS, MINUTE_MS, type Round, often, spell } from './theme.ts'

export function clocks(round: Round): void {
  const { random, activeMs } = round
  for (const member of round.members) member.setClock((random() - 0.5) * 2 * 20_000)
  often(round, 3, (member) => {
    const most = random() < 0.5 ? 2 * MINUTE_MS : 6 * HOUR_MS
    const atMs = random() * activeMs
    round.moments.push(atMs)
    round.at(atMs, () => member.setClock((random() - 0.5) * 2 * most))
  })
}

export function store(round: Round): void {
  const { random } = round
  const kinds = ['slow', 'hangs', 'rejects'] as const
  const whats = ['reads', 'writes', 'both'] as const
  often(round, 4, (member) => {
    if (!member.hasStore) return
    spell(
      round,
      HOUR_MS,
      () => {
        member.hinder('store')
        member.disk.change({
          kind: round.pick(kinds),
          what: round.pick(whats),
          slowMs: 10 ** (1 + random() * 2.7),
          late: random() < 0.5,
        })
      },
      () => {
        member.disk.change({ kind: 'well' })
        member.relieve('store')
      },
    )
  })
}

export function transport(round: Round): void {
  const { random } = round
  const sends = ['hangs', 'rejects', 'throws', 'slow', 'no-outcome'] as const
  const memories = ['hangs', 'rejects', 'slow'] as const
  const topics = ['hangs', 'rejects'] as const
  often(round, 5, (member) =>
    spell(
      round,
      HOUR_MS,
      () => {
        member.hinder('transport')
        member.way.change({
          ...(random() < 0.7 && { send: round.pick(sends) }),
          ...(random() < 0.5 && { memory: round.pick(memories) }),
          ...(random() < 0.2 && { topics: round.pick(topics) }),
          slowMs: 10 ** (2 + random() * 3),
        })
      },
      () => {
        member.way.change({}, random() < 0.5)
        member.relieve('transport')
      },
    ),
  )
}
