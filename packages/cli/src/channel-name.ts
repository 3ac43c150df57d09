import { CommandLineError } from './cli-error.ts'

/** Longest name of a channel or member, bytes: they stand in every message. */
const MAX_NAME_BYTES = 100

/** Where a channel of `rc` is found on the network. */
export interface ChannelPlace {
  readonly channelId: string
  /** 23/WAKU2-TOPICS. */
  readonly contentTopic: string
}

/**
 * The id and the topic of a channel.
 *
 * @param topic - in place of the one that follows from the name
 */
export function placeOfChannel(name: string, topic?: string): ChannelPlace {
  checkName('channel', name)
  if (topic !== undefined && !/^(\/\d{1,9})?(\/[^/\s]+){4}$/.test(topic)) {
    throw new CommandLineError(
      `--topic expected /application/version/name/encoding, got ${topic}`,
      'Leave it out for the one that follows from the name of the channel.',
    )
  }
  return {
    channelId: name,
    contentTopic: topic ?? `/reliable-channels-cli/1/${encodeURIComponent(name)}/proto`,
  }
}

/** Refuses names that are empty, too long, or steer a terminal. */
export function checkName(what: 'channel' | 'member', name: string): void {
  if (name === '' || new TextEncoder().encode(name).length > MAX_NAME_BYTES || !name.isWellFormed()) {
    throw new CommandLineError(`the name of a ${what} has 1 to ${MAX_NAME_BYTES} bytes`)
  }
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    throw new CommandLineError(`the name of a ${what} is text on one line`)
}
