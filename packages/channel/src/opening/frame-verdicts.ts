/** The common verdict of a node's channels on the frames of a topic. */
export interface FrameVerdicts {
  /** A channel listens on the topic until it leaves. */
  join(contentTopic: string): TopicMember
}

/** One channel of a topic, which says of each frame whether it could read it. */
export interface TopicMember {
  /** The channel could read the frame, or has no need to. */
  passed(hash: string): void
  /** It could not. */
  failed(hash: string, failure: Failure): void
  leave(): void
}

/** A channel's failure to read a frame. */
export interface Failure {
  /** It has a cipher: it is the one to complain, since its key may be wrong. */
  readonly hasCipher: boolean
  /** Called when no channel could read the frame. `tells`: this channel is the one that reports it. */
  readonly nobody: (tells: boolean) => void
}

/** The verdicts on a frame so far. */
interface Votes {
  count: number
  isRead: boolean
  readonly failures: Failure[]
}

/**
 * Frames of a topic that some channels have tried to read and others have not yet.
 * @limit The oldest is forgotten: nobody complains of it.
 */
const MAX_UNDECIDED = 1024

/**
 * Channels that share a topic meet each other's frames too: that one cannot read a frame means something only when all
 * have tried, and none could.
 */
export function createFrameVerdicts(): FrameVerdicts {
  const topics = new Map<string, { members: number; readonly undecided: Map<string, Votes> }>()
  return {
    join(contentTopic) {
      const topic = topics.get(contentTopic) ?? { members: 0, undecided: new Map<string, Votes>() }
      topics.set(contentTopic, topic)
      topic.members++
      const { undecided } = topic
      /** The hash of the frame that SDS has just rejected: SDS tells that before `passed` is called for the same frame. */
      let failedLast: string | undefined

      const vote = (hash: string, failure: Failure | undefined): void => {
        const votes = undecided.get(hash) ?? { count: 0, isRead: false, failures: [] }
        votes.count++
        if (failure === undefined) votes.isRead = true
        else votes.failures.push(failure)
        if (votes.count >= topic.members) {
          undecided.delete(hash)
          if (!votes.isRead) complain(votes.failures)
          return
        }
        if (!undecided.has(hash) && undecided.size >= MAX_UNDECIDED)
          undecided.delete(undecided.keys().next().value!)
        undecided.set(hash, votes)
      }
      return {
        passed(hash) {
          const hasFailed = hash === failedLast
          failedLast = undefined
          if (!hasFailed && topic.members > 1) vote(hash, undefined)
        },
        failed(hash, failure) {
          failedLast = hash
          vote(hash, failure)
        },
        leave() {
          if (--topic.members === 0) topics.delete(contentTopic)
        },
      }
    },
  }
}

function complain(failures: readonly Failure[]): void {
  const teller = failures.findLast(({ hasCipher }) => hasCipher) ?? failures.at(-1)
  for (const failure of failures) failure.nobody(failure === teller)
}
