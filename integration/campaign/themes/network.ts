import { HOUR_MS, MINUTE_MS, type Round, type Theme, often, spell } from './theme.ts'

export function loss(round: Round): void {
  const { random, network } = round
  network.change({
    loss: random() * 0.4,
    duplicate: random() * 0.3,
    reorder: random() * 0.4,
    reorderMs: 10 ** (2 + random() * 2),
    jitterMs: random() * 1_000,
    sendFailure: random() * 0.2,
  })
  for (let i = 0; i < 3; i++)
    spell(
      round,
      HOUR_MS,
      () => {
        network.change({ loss: 0.4 + random() * 0.5 })
        for (const member of round.members) member.hinder('loss')
      },
      () => {
        network.change({ loss: random() * 0.3 })
        for (const member of round.members) member.relieve('loss')
      },
    )
}

export function partition(round: Round): void {
  const { random, network, members } = round
  for (let i = 0; i < 3; i++)
    spell(
      round,
      6 * HOUR_MS,
      () => {
        const groups: string[][] = [[], []]
        for (const { name } of members) groups[Math.floor(random() * 2)]!.push(name)
        network.partition(groups)
        for (const member of members) member.hinder('partition')
      },
      () => {
        network.heal()
        for (const member of members) member.relieve('partition')
      },
    )
}

export const offline: Theme = (round) =>
  often(round, 4, (member) =>
    spell(
      round,
      12 * HOUR_MS,
      () => {
        member.disconnect()
        member.hinder('offline')
      },
      () => {
        member.connect()
        member.relieve('offline')
      },
    ),
  )

/** A member that is cut off and connected by turns, or hears and is not heard. */
export function tunnel(round: Round): void {
  const { random, network, members } = round
  often(round, 4, ({ name }) => {
    const others = members.flatMap((each) => (each.name === name ? [] : [each.name]))
    const groups = random() < 0.5 ? [[name], others] : [others, [name]]
    const options = {
      oneWay: random() < 0.5,
      ...(random() < 0.7 && { apartMs: 10 ** (3 + random() * 2), togetherMs: 10 ** (3 + random() * 1.5) }),
    }
    spell(
      round,
      10 * MINUTE_MS,
      () => {
        network.partition(groups, options)
        for (const member of members) member.hinder('tunnel')
      },
      () => {
        network.heal()
        for (const member of members) member.relieve('tunnel')
      },
      10_000,
    )
  })
}
