<?php

declare(strict_types=1);

/* Signs callbacks and returns as PHP does: notices in PHP's own JSON, fields in the SDK's canonical text. */

require __DIR__.'/loader.php';

use NestCms\Outside\CanonicalReturn;

$asked = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
$sign = static fn (string $text): string => hash_hmac('sha256', $text, setting('SERVER_KEY'));

echo json_encode([
    'callbacks' => array_map(static function (array $notice) use ($sign): array {
        $body = json_encode($notice, JSON_THROW_ON_ERROR);

        return ['body' => $body, 'signature' => $sign($body)];
    }, $asked['notices']),
    'returns' => array_map(static function (array $fields) use ($sign): array {
        $signature = $sign(CanonicalReturn::of($fields));

        return ['body' => http_build_query($fields + ['signature' => $signature]), 'signature' => $signature];
    }, $asked['returns']),
], JSON_THROW_ON_ERROR);
