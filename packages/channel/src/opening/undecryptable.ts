/** Counts, for each message of a topic, the open channels that could not open it. */
export interface UndecryptableVotes {
  /** A channel listens on the topic until the returned function is called. */
  join(contentTopic: string): () => void
  /** One channel could not open the message. Returns whether no channel of the topic could: report it once. */
  failed(contentTopic: string, messageHash: string): boolean
}

/**
 * Messages of a topic that some channel could not open and others have not tried yet.
 * @limit The oldest is forgotten.
 */
const MAX_UNDECIDED = 1024

/**
 * When channels share a topic, each meets the others' messages too: failing to open one means something only when no
 * channel could.
 */
export function createUndecryptableVotes(): UndecryptableVotes {
  const topics = new Map<string, { channels: number; readonly failures: Map<string, number> }>()
  return {
    join(contentTopic) {
      const topic = topics.get(contentTopic) ?? { channels: 0, failures: new Map<string, number>() }
      topics.set(contentTopic, topic)
      topic.channels++
      return () => {
        if (--topic.channels === 0) topics.delete(contentTopic)
      }
    },
    failed(contentTopic, messageHash) {
      const topic = topics.get(contentTopic)
      if (topic === undefined) return true
      const { failures } = topic
      const count = (failures.get(messageHash) ?? 0) + 1
      failures.delete(messageHash)
      if (count >= topic.channels) return true
      if (failures.size >= MAX_UNDECIDED) failures.delete(failures.keys().next().value!)
      failures.set(messageHash, count)
      return false
    },
  }
}
