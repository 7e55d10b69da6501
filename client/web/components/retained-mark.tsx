/** In words, so that it is read aloud too. */
export function RetainedMark() {
  return (
    <small class="retained" title="The MQTT broker had kept it: it may be of any age">
      retained
    </small>
  );
}
