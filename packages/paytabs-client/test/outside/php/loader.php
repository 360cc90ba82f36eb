<?php

declare(strict_types=1);

/* Loads the SDK and what it needs from their checkouts, and makes a warning an error. */

function setting(string $name): string
{
    $value = getenv('OUTSIDE_'.$name);
    if (false === $value || '' === $value) {
        throw new RuntimeException("OUTSIDE_{$name} is not set");
    }

    return $value;
}

error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
ini_set('display_errors', 'stderr');
set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    if (0 === (error_reporting() & $level)) {
        return false;
    }

    throw new ErrorException($message, 0, $level, $file, $line);
});

spl_autoload_register(static function (string $class): void {
    $roots = [
        'Paytabs\\Sdk\\' => setting('PHP_SDK').'/src/',
        'Psr\\Log\\' => setting('PSR_LOG').'/src/',
        'NestCms\\Outside\\' => __DIR__.'/',
        // The mapper has no namespace; its classes are named the older way.
        '' => setting('JSONMAPPER').'/src/',
    ];
    foreach ($roots as $prefix => $root) {
        if (!str_starts_with($class, $prefix)) {
            continue;
        }
        $rest = str_replace('\\', '/', substr($class, strlen($prefix)));
        $file = $root.('' === $prefix ? str_replace('_', '/', $rest) : $rest).'.php';
        if (is_file($file)) {
            require $file;
        }

        return;
    }
});
