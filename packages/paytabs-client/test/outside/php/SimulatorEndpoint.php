<?php

declare(strict_types=1);

namespace NestCms\Outside;

use Paytabs\Sdk\Profile\AbstractEndpoint;
use Paytabs\Sdk\Profile\Profile;
use Paytabs\Sdk\Profile\ProfilesFactory;

/** A region of the SDK that is the simulator. */
final class SimulatorEndpoint extends AbstractEndpoint
{
    public const CODE = 'SIM';
    protected const TITLE = 'Simulator';

    public function getUrl(): string
    {
        return setting('BASE_URL');
    }

    public static function profile(): Profile
    {
        $id = (int) setting('PROFILE_ID');

        return ProfilesFactory::createProfile(self::getInstance(), $id, setting('SERVER_KEY'));
    }
}
