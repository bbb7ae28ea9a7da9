/**
 * For an `$effect` that queries: passes the answer or the error on, unless the returned function was called before. Return that
 * function from the effect. Then an answer that arrives after the component has closed, or after a newer query, changes nothing.
 */
export function wantedAnswer<Answer>(
  answer: Promise<Answer>,
  onAnswer: (answer: Answer) => void,
  onError: (error: unknown) => void = () => undefined,
): () => void {
  let isWanted = true;
  answer.then(
    (value) => {
      if (isWanted) onAnswer(value);
    },
    (error: unknown) => {
      if (isWanted) onError(error);
    },
  );
  return () => {
    isWanted = false;
  };
}
