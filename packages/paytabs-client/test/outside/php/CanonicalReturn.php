<?php

declare(strict_types=1);

namespace NestCms\Outside;

use Paytabs\Sdk\Response\Responses\Webhook\TransactionResult\BrowserAsPost;

/** The text that the SDK hashes for these fields. */
final class CanonicalReturn extends BrowserAsPost
{
    public static function of(array $fields): string
    {
        return self::initWith($fields)->prepareHashablePayload();
    }
}
