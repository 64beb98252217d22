-- yes_without_effect --
-- How many yeses recorded at a time a no stands against: one said later, or any where the yes cannot show its words.
SELECT count(*) AS number
FROM consent AS yes
WHERE yes.state = 'granted' AND yes.recorded_at = :recorded_at
  AND EXISTS (
    SELECT 1
    FROM consent AS no
    WHERE no.customer_id = yes.customer_id AND no.purpose = yes.purpose AND no.channel IN (yes.channel, :all)
      AND no.state <> 'granted' AND (no.happened_at >= yes.happened_at OR yes.wording_hash IS NULL)
  );
