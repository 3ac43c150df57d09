/** The options of the channel with this number. */
export const numbered = (index: number): { readonly channelId: string; readonly contentTopic: string } => ({
  channelId: `room-${index}`,
  contentTopic: `/bench/1/room-${index}/proto`,
})
