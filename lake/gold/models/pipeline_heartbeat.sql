-- model: pipeline_heartbeat
-- description: The last heartbeat that travelled from MySQL to gold: how fresh gold is, measured and not assumed (G11).
-- grain: heartbeat row
-- key: id
-- inputs: silver.heartbeat(id)
-- refresh: rows
-- ties to: beat = the newest beat of silver.heartbeat
-- column id BIGINT: number of the heartbeat row
-- column beat BIGINT: counter, grows by one with every beat
-- column beaten_at TIMESTAMP: when it was written to MySQL, UTC
SELECT id, beat, CAST(beaten_at AS TIMESTAMP) AS beaten_at
FROM silver.heartbeat
