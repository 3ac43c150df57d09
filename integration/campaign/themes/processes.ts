import type { Member } from '../member.ts'
import { HOUR_MS, LATE_NAMES, MINUTE_MS, type Round, type Theme, often, spell } from './theme.ts'

const stands =
  (offline: boolean) =>
  (round: Round): void => {
    const { random } = round
    const counted = random() < 0.5
    const timersFirst = random() < 0.5
    const connectMs = offline ? random() * 10_000 : 0
    often(round, 4, (member) =>
      spell(
        round,
        12 * HOUR_MS,
        () => member.sleep({ offline }),
        () => member.wake({ counted, timersFirst, connectMs }),
      ),
    )
  }

const crashes =
  (how: (round: Round, member: Member) => void) =>
  (round: Round): void =>
    often(round, 3, (member) =>
      spell(
        round,
        2 * HOUR_MS,
        () => {
          if (!member.isAwake) return
          member.crash()
          how(round, member)
        },
        () => void member.start(),
        100,
      ),
    )

export const sleep: Theme = stands(true)

export const freeze: Theme = stands(false)

export function leave(round: Round): void {
  const { random } = round
  const leavers = round.members.slice(2).filter(() => random() < 0.6)
  for (const member of leavers) {
    // As soon as it was told that something of it is delivered, or at any time.
    if (random() < 0.5) round.leaveWhenDelivered(member, random() * round.activeMs)
    else {
      const atMs = random() * round.activeMs
      round.moments.push(atMs)
      round.at(atMs, () => member.leave())
    }
  }
}

export const crash: Theme = crashes(() => {})

export const amnesia: Theme = crashes((_, member) => member.loseStore())

export function rollback(round: Round): void {
  often(round, 2, (member) => {
    if (!member.hasStore) return
    const { random, activeMs } = round
    const copiedMs = random() * activeMs
    const crashedMs = copiedMs + random() * (activeMs - copiedMs)
    round.moments.push(copiedMs, crashedMs)
    round.at(copiedMs, () => member.backUp())
    round.at(crashedMs, () => {
      member.crash()
      member.rollBack()
      round.at(random() * Math.min(10 * MINUTE_MS, activeMs - crashedMs), () => void member.start())
    })
  })
}

export const reopen: Theme = (round) =>
  often(round, 3, (member) =>
    spell(
      round,
      2 * HOUR_MS,
      () => void member.close(),
      () => void member.start(),
      2 * MINUTE_MS,
    ),
  )

export function join(round: Round): void {
  const { random } = round
  const count = 1 + Math.floor(random() * 2)
  for (let i = 0; i < count; i++) round.at(random() * round.activeMs, () => void round.join(LATE_NAMES[i]!))
}

/** Timers that fire once a minute, as in tabs in the background. */
export const tabs: Theme = (round) =>
  often(round, 4, (member) =>
    spell(
      round,
      HOUR_MS,
      () => {
        member.throttle(MINUTE_MS)
        member.hinder('tabs')
      },
      () => {
        member.throttle(0)
        member.relieve('tabs')
      },
      2 * MINUTE_MS,
    ),
  )
