/**
 * The id of a message, the same for its author and whoever receives it: that of the SDS message that carries it. Of
 * several segments each receiver may complete it with another, so it is the hash of the payload then.
 */
export function idOfMessage(segmentId: string, segmentCount: number, payloadHash: string): string {
  return segmentCount === 1 ? segmentId : payloadHash
}
